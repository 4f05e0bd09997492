# Link-time optimisation: the library's functions are inlined across files, which takes 1 to 6 % off a search. Objects hold
# machine code as well, which the many test programs are linked from, in no time; clang has no such objects.
option(LEDE_LTO "Optimise the library, lede and lede-bench when they are linked (gcc, release builds)" ON)

set(lede_lto OFF)
if(LEDE_LTO AND CMAKE_C_COMPILER_ID STREQUAL "GNU" AND CMAKE_BUILD_TYPE STREQUAL "Release" AND NOT LEDE_SANITIZE)
  set(lede_lto ON)
endif()

# Of an object library: what is made of it can be optimised when it is linked.
function(lede_lto_objects target)
  if(lede_lto)
    target_compile_options(${target} PRIVATE -flto=auto -ffat-lto-objects)
  endif()
endfunction()

# Of a program or shared library: whether it is.
function(lede_lto_link target wanted)
  if(lede_lto AND wanted)
    target_link_options(${target} PRIVATE -flto=auto)
  elseif(lede_lto)
    target_link_options(${target} PRIVATE -fno-use-linker-plugin)
  endif()
endfunction()
