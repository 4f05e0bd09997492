# cmake --install: the command, the library, its modules, its header, its files for pkg-config and CMake, the manual,
# completions.
# Relative, so that the tree can be installed under any prefix, and moved.
file(RELATIVE_PATH LEDE_PREFIX_FROM_PC /${CMAKE_INSTALL_LIBDIR}/pkgconfig /)
string(REGEX REPLACE "/$" "" LEDE_PREFIX_FROM_PC ${LEDE_PREFIX_FROM_PC})
configure_file(${CMAKE_SOURCE_DIR}/cmake/lede.pc.in ${CMAKE_BINARY_DIR}/lede.pc @ONLY)

# find_package(lede) gives lede::lede.
include(CMakePackageConfigHelpers)
write_basic_package_version_file(lede-config-version.cmake COMPATIBILITY SameMinorVersion)
set_target_properties(liblede PROPERTIES EXPORT_NAME lede)
install(TARGETS liblede EXPORT lede LIBRARY INCLUDES DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(EXPORT lede NAMESPACE lede:: FILE lede-config.cmake DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/lede)
install(FILES ${CMAKE_BINARY_DIR}/lede-config-version.cmake DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/lede)

foreach(module ${modules})
  install(TARGETS lede_${module} LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR}/lede)
endforeach()
install(FILES ${CMAKE_SOURCE_DIR}/include/lede.h TYPE INCLUDE)
install(FILES ${CMAKE_BINARY_DIR}/lede.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
if(TARGET lede)
  install(TARGETS lede RUNTIME)
endif()
if(TARGET lede)
  install(FILES ${CMAKE_SOURCE_DIR}/cli/completions/lede.bash RENAME lede
          DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions)
  install(FILES ${CMAKE_SOURCE_DIR}/cli/completions/_lede DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/site-functions)
  install(FILES ${CMAKE_SOURCE_DIR}/cli/completions/lede.fish
          DESTINATION ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d)
endif()
file(GLOB manual CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/docs/man/*.1)
if(manual)
  install(FILES ${CMAKE_SOURCE_DIR}/docs/man/lede-query.7 DESTINATION ${CMAKE_INSTALL_MANDIR}/man7)
  install(FILES ${manual} DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
endif()
