include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

set(package_directory ${CMAKE_INSTALL_DATADIR}/cmake/dyadic)

install(DIRECTORY include/dyadic DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(TARGETS dyadic EXPORT dyadicTargets)
install(EXPORT dyadicTargets NAMESPACE dyadic:: DESTINATION ${package_directory})

configure_package_config_file(cmake/dyadicConfig.cmake.in ${PROJECT_BINARY_DIR}/dyadicConfig.cmake
                              INSTALL_DESTINATION ${package_directory})
write_basic_package_version_file(${PROJECT_BINARY_DIR}/dyadicConfigVersion.cmake
                                 COMPATIBILITY SameMajorVersion ARCH_INDEPENDENT)
install(FILES ${PROJECT_BINARY_DIR}/dyadicConfig.cmake ${PROJECT_BINARY_DIR}/dyadicConfigVersion.cmake
        DESTINATION ${package_directory})
