/* The binary of a hostile build: runs the program that lies beside it, in `lib`, which the sandbox
   shows. A build is identified by its binary, so a script will not do. */
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static char program[] = "import sys; sys.path.insert(0, sys.argv.pop(1)); "
                        "from tools.attack.hostile.program import main; main(sys.argv[1:])";

int main(int count, char **words)
{
    char self[4096], lib[8192];
    ssize_t length = readlink("/proc/self/exe", self, sizeof self - 1);
    char **given = calloc(count + 7, sizeof *given);

    if (length < 0 || !given)
        return 99;
    self[length] = 0;
    snprintf(lib, sizeof lib, "%s/lib", dirname(self));
    given[0] = "python3";
    given[1] = "-I";
    given[2] = "-S";
    given[3] = "-c";
    given[4] = program;
    given[5] = lib;
    for (int i = 1; i < count; i++)
        given[5 + i] = words[i];
    execv("/usr/bin/python3", given);
    return 99;
}
