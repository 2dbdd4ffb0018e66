#ifndef HAVOC_CREADLINE_H
#define HAVOC_CREADLINE_H

// Readline keeps all of its state in global variables, which Swift may not touch. These few
// functions are what the program needs of it; all of them belong to one thread.

enum {
  HAVOC_LINE_TEXT,
  HAVOC_LINE_END,
  HAVOC_LINE_INTERRUPTED,
};

/// Answers TAB.
///
/// `line` is what stands before the cursor and `start` where readline's word begins in it. The
/// answer is an array as readline wants it, from malloc and ended by NULL: what replaces the word,
/// then, where there are several, each of them; or NULL. `append` is what follows a single one, a
/// NUL for nothing.
typedef char **(*havoc_completer)(const char *line, int start, char *append);

/// Shows the candidates of the last answer, when there are several.
typedef void (*havoc_presenter)(void);

/// Whether a signal has asked for the line to be dropped.
typedef int (*havoc_interrupted)(void);

void havoc_readline_begin(
    const char *name, havoc_completer complete, havoc_presenter present,
    havoc_interrupted interrupted);

/// Reads a line on the terminal, edited by its user.
///
/// `line` is from malloc and only set for HAVOC_LINE_TEXT.
int havoc_readline_read(const char *prompt, char **line);

/// Shows text below the line that is edited, and the line again below that.
void havoc_readline_show(const char *text);

/// Columns of the terminal.
int havoc_readline_columns(void);

void havoc_history_add(const char *line);

/// Keeps only so many lines, now and from here on.
void havoc_history_limit(int lines);

#endif
