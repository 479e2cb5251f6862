/* Preloaded after libasan. Some library that the server links binds its message catalogue while
   it is being loaded; that takes glibc's catalogue lock and then allocates, which makes libasan
   initialise, fail to find an optional symbol, and have that message translated: under the same
   lock, for ever. So libasan gets something to allocate before the lock is taken. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>

char *bindtextdomain(const char *domain, const char *directory) {
  static char *(*next)(const char *, const char *);
  void *volatile early = malloc(1);
  free(early);
  if (!next) *(void **)&next = dlsym(RTLD_NEXT, "bindtextdomain");
  return next(domain, directory);
}
