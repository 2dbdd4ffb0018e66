#include "CReadline.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <readline/history.h>
#include <readline/readline.h>

static havoc_completer completer;
static havoc_presenter presenter;
static havoc_interrupted is_interrupted;

static char *finished_line;
static int is_finished;

// How long a signal that comes just before the waiting begins goes unnoticed.
enum { SIGNAL_MILLISECONDS = 200 };

static void finish(char *line) {
  finished_line = line;
  is_finished = 1;
  rl_callback_handler_remove();
}

static char **complete(const char *text, int start, int end) {
  (void)text;
  // Never readline's own file names behind ours.
  rl_attempted_completion_over = 1;
  char *line = strndup(rl_line_buffer, (size_t)end);
  if (line == NULL) return NULL;
  char append = ' ';
  char **matches = completer(line, start, &append);
  free(line);
  rl_completion_append_character = append;
  return matches;
}

static void present(char **matches, int count, int longest) {
  (void)matches;
  (void)count;
  (void)longest;
  presenter();
}

void havoc_readline_begin(
    const char *name, havoc_completer new_completer, havoc_presenter new_presenter,
    havoc_interrupted interrupted) {
  completer = new_completer;
  presenter = new_presenter;
  is_interrupted = interrupted;
  rl_readline_name = name;
  rl_attempted_completion_function = complete;
  rl_completion_display_matches_hook = present;
  // Quotes are the completer's business: it knows how the program reads them.
  rl_completer_word_break_characters = " \t\n";
  rl_completer_quote_characters = "";
  using_history();
}

static void drop_line(void) {
  rl_free_line_state();
  rl_callback_sigcleanup();
  rl_replace_line("", 0);
  rl_callback_handler_remove();
  fputs("^C\n", rl_outstream);
  fflush(rl_outstream);
}

int havoc_readline_read(const char *prompt, char **line) {
  finished_line = NULL;
  is_finished = 0;
  rl_callback_handler_install(prompt, finish);
  while (!is_finished) {
    struct pollfd input = {.fd = fileno(rl_instream), .events = POLLIN};
    int ready = poll(&input, 1, SIGNAL_MILLISECONDS);
    rl_check_signals();
    if (is_interrupted()) {
      drop_line();
      return HAVOC_LINE_INTERRUPTED;
    }
    if (ready > 0) rl_callback_read_char();
    if (ready < 0 && errno != EINTR) {
      rl_callback_handler_remove();
      return HAVOC_LINE_END;
    }
  }
  if (finished_line == NULL) return HAVOC_LINE_END;
  *line = finished_line;
  return HAVOC_LINE_TEXT;
}

void havoc_readline_show(const char *text) {
  rl_crlf();
  fputs(text, rl_outstream);
  rl_forced_update_display();
}

int havoc_readline_columns(void) {
  int rows, columns;
  rl_get_screen_size(&rows, &columns);
  return columns;
}

void havoc_history_add(const char *line) { add_history(line); }

void havoc_history_limit(int lines) { stifle_history(lines); }
