#include "CReadline.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

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

// Waits for input, but never longer than a signal goes unnoticed.
// Returns 1 where there is some, 0 where there may be, -1 where there won't be any more.
static int await_input(int descriptor) {
  struct pollfd input = {.fd = descriptor, .events = POLLIN};
  int ready = poll(&input, 1, SIGNAL_MILLISECONDS);
  if (ready < 0 && errno != EINTR) return -1;
  rl_check_signals();
  return ready > 0;
}

// Readline's own waits on, whatever a signal's handler has said: Ctrl-C makes the terminal forget
// input that was there a moment ago.
static int get_character(FILE *stream) {
  int descriptor = fileno(stream);
  for (;;) {
    int ready = await_input(descriptor);
    if (ready < 0 || is_interrupted()) return EOF;
    if (ready == 0) continue;
    unsigned char character;
    ssize_t count = read(descriptor, &character, 1);
    if (count == 1) return character;
    if (count == 0 || (errno != EINTR && errno != EAGAIN)) return EOF;
  }
}

void havoc_readline_begin(
    const char *name, havoc_completer new_completer, havoc_presenter new_presenter,
    havoc_interrupted interrupted) {
  completer = new_completer;
  presenter = new_presenter;
  is_interrupted = interrupted;
  rl_readline_name = name;
  rl_getc_function = get_character;
  rl_attempted_completion_function = complete;
  rl_completion_display_matches_hook = present;
  // Quotes are the completer's business: it knows how the program reads them.
  rl_completer_word_break_characters = " \t\n";
  rl_completer_quote_characters = "";
  using_history();
}

static void drop_line(void) {
  // A line that was read to its end has put the terminal back already.
  if (is_finished) return free(finished_line);
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
    int ready = await_input(fileno(rl_instream));
    if (is_interrupted()) break;
    if (ready > 0) rl_callback_read_char();
    if (ready < 0) {
      rl_callback_handler_remove();
      return HAVOC_LINE_END;
    }
  }
  if (is_interrupted()) {
    drop_line();
    return HAVOC_LINE_INTERRUPTED;
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
