# cmake --install: the command, the library, its modules, its header, its pkg-config file, the manual.
include(GNUInstallDirs)

# Relative, so that the tree can be installed under any prefix, and moved.
file(RELATIVE_PATH LEDE_PREFIX_FROM_PC /${CMAKE_INSTALL_LIBDIR}/pkgconfig /)
string(REGEX REPLACE "/$" "" LEDE_PREFIX_FROM_PC ${LEDE_PREFIX_FROM_PC})
configure_file(${CMAKE_SOURCE_DIR}/cmake/lede.pc.in ${CMAKE_BINARY_DIR}/lede.pc @ONLY)

install(TARGETS liblede LIBRARY)
foreach(module ${modules})
  install(TARGETS lede_${module} LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR}/lede)
endforeach()
install(FILES ${CMAKE_SOURCE_DIR}/include/lede.h TYPE INCLUDE)
install(FILES ${CMAKE_BINARY_DIR}/lede.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
if(TARGET lede)
  file(RELATIVE_PATH library_from_command /${CMAKE_INSTALL_BINDIR} /${CMAKE_INSTALL_LIBDIR})
  # Beside the command, as in the build tree, or where it is installed. One path for both: CMake puts a colon behind one
  # that it is to change when installing, and so the current folder.
  set_target_properties(lede PROPERTIES INSTALL_RPATH "$ORIGIN:$ORIGIN/${library_from_command}"
                                        BUILD_WITH_INSTALL_RPATH ON)
  install(TARGETS lede RUNTIME)
endif()
file(GLOB manual CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/docs/man/*.1)
if(manual)
  install(FILES ${manual} DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
endif()
