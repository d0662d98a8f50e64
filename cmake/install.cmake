# What cmake --install puts where, and in which package: program, library (the shared one) or
# development.

include(CMakePackageConfigHelpers)
set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/mixfill)

install(TARGETS mixfill EXPORT mixfill
    LIBRARY COMPONENT library NAMELINK_COMPONENT development)
install(TARGETS mixfill_static EXPORT mixfill_static ARCHIVE COMPONENT development)
install(DIRECTORY include/mixfill DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} COMPONENT development)

install(EXPORT mixfill FILE mixfillTargets.cmake NAMESPACE mixfill::
    DESTINATION ${package_dir} COMPONENT development)
install(EXPORT mixfill_static FILE mixfillStaticTargets.cmake NAMESPACE mixfill::
    DESTINATION ${package_dir} COMPONENT development)
configure_package_config_file(cmake/mixfillConfig.cmake.in mixfillConfig.cmake
    INSTALL_DESTINATION ${package_dir}
    NO_SET_AND_CHECK_MACRO NO_CHECK_REQUIRED_COMPONENTS_MACRO)
write_basic_package_version_file(mixfillConfigVersion.cmake COMPATIBILITY SameMajorVersion)
install(FILES ${PROJECT_BINARY_DIR}/mixfillConfig.cmake
              ${PROJECT_BINARY_DIR}/mixfillConfigVersion.cmake
    DESTINATION ${package_dir} COMPONENT development)

# Relative to the file itself, so that `cmake --install --prefix` may change the place.
file(RELATIVE_PATH relative_includedir
    ${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig ${CMAKE_INSTALL_FULL_INCLUDEDIR})
list(JOIN private_packages ", " pc_private_packages)
set(pc_private_libs "-lm")
if("BZIP2" IN_LIST decoders)
    string(APPEND pc_private_libs " -lbz2")
endif()
if(MIXFILL_OPENMP)
    string(APPEND pc_private_libs " ${OpenMP_C_FLAGS}")
endif()
configure_file(cmake/mixfill.pc.in mixfill.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/mixfill.pc
    DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig COMPONENT development)

if(MIXFILL_BUILD_CLI)
    install(TARGETS mixfill_cli RUNTIME COMPONENT program)
    install(FILES completions/mixfill
        DESTINATION ${CMAKE_INSTALL_DATAROOTDIR}/bash-completion/completions COMPONENT program)
    install(FILES README.md CHANGELOG.md LICENSE
        DESTINATION ${CMAKE_INSTALL_DOCDIR} COMPONENT program)
    install(DIRECTORY docs
        DESTINATION ${CMAKE_INSTALL_DOCDIR} COMPONENT program
        FILES_MATCHING PATTERN "*.md" PATTERN man EXCLUDE)
    if(MIXFILL_BUILD_MAN)
        install(DIRECTORY ${PROJECT_BINARY_DIR}/man/
            DESTINATION ${CMAKE_INSTALL_MANDIR}/man1 COMPONENT program
            FILES_MATCHING PATTERN "*.1")
    endif()
endif()
