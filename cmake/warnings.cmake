# Picky warnings for every target, the sanitizers of LEDE_SANITIZE, and the instrumentation of LEDE_FUZZ.
add_compile_options(-Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wwrite-strings -Wcast-qual
                    -Wpointer-arith -Wformat=2 -Wundef -Wvla -Wimplicit-fallthrough -Wnull-dereference)
add_compile_options($<$<COMPILE_LANGUAGE:C>:-Wstrict-prototypes> $<$<COMPILE_LANGUAGE:C>:-Wmissing-prototypes>
                    $<$<COMPILE_LANGUAGE:C>:-Wold-style-definition>)
if(CMAKE_C_COMPILER_ID STREQUAL "GNU")
  add_compile_options(-Wlogical-op -Wduplicated-cond -Wduplicated-branches
                      $<$<COMPILE_LANGUAGE:C>:-Wjump-misses-init>)
endif()
if(LEDE_WERROR)
  add_compile_options(-Werror)
endif()
if(LEDE_SANITIZE)
  # What the sanitizers add makes gcc lose the ranges of numbers, and warn of buffers that are large enough.
  add_compile_options($<$<C_COMPILER_ID:GNU>:-Wno-format-truncation>)
  add_compile_options(-fsanitize=${LEDE_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${LEDE_SANITIZE})
endif()
if(LEDE_FUZZ)
  if(NOT CMAKE_C_COMPILER_ID MATCHES "Clang")
    message(FATAL_ERROR "LEDE_FUZZ needs clang: configure with --preset fuzz, or -DCMAKE_C_COMPILER=clang")
  endif()
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()
