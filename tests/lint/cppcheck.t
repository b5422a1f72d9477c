#!/bin/bash
# cppcheck finds nothing to say. A false alarm is silenced where it is raised, with its reason: // cppcheck-suppress id
. "${srcdir:-.}/tests/lint/lint.sh"

check() {
    cppcheck --quiet --std=c11 --enable=warning,performance,portability --inline-suppr --error-exitcode=1 -j2 \
        --suppress=missingInclude --suppress=missingIncludeSystem --suppress=nullPointerRedundantCheck --suppress=arrayIndexOutOfBoundsCond --suppress=unknownMacro --suppress=preprocessorErrorDirective --suppress=normalCheckLevelMaxBranches \
        -I . -I core -I "$builddir/core" -I "$builddir" $(sources core c) $(sources cli c) $(sources tui c) $(sources tests/lib c)
}
nothing "cppcheck is silent" check
done_testing
