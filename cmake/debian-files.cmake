# Run by cpack in its staging folder: what Debian asks of every package beyond its files. Each gets
# its licence and changelogs; those and the manual pages are packed.

list(GET CPACK_BUILD_SOURCE_DIRS 0 source_dir)
string(TIMESTAMP now "%a, %d %b %Y %H:%M:%S +0000" UTC)
find_program(GZIP gzip REQUIRED)

foreach(component IN LISTS CPACK_COMPONENTS_ALL)
    string(TOUPPER ${component} upper)
    set(package ${CPACK_DEBIAN_${upper}_PACKAGE_NAME})
    set(root ${CPACK_TEMPORARY_DIRECTORY}/${component})
    set(doc ${root}/usr/share/doc/${package})
    file(MAKE_DIRECTORY ${doc})
    file(REMOVE ${doc}/LICENSE ${doc}/CHANGELOG.md)
    configure_file(${source_dir}/LICENSE ${doc}/copyright COPYONLY)
    configure_file(${source_dir}/CHANGELOG.md ${doc}/changelog COPYONLY)
    file(WRITE ${doc}/changelog.Debian
"mixfill (${CPACK_PACKAGE_VERSION}-${CPACK_DEBIAN_PACKAGE_RELEASE}) unstable; urgency=low

  * Packaged by cpack; changelog.gz says what is new.

 -- ${CPACK_PACKAGE_CONTACT}  ${now}
")
    file(GLOB packed ${doc}/changelog* ${root}/usr/share/man/man1/*.1)
    execute_process(COMMAND ${GZIP} -9nf ${packed} COMMAND_ERROR_IS_FATAL ANY)
    file(GLOB_RECURSE files ${doc}/* ${root}/usr/share/man/*)
    if(files)
        file(CHMOD ${files} PERMISSIONS OWNER_READ OWNER_WRITE GROUP_READ WORLD_READ)
    endif()
    file(CHMOD ${doc} PERMISSIONS
        OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
endforeach()
