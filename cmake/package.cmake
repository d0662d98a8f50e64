# Debian packages, by `cpack -G DEB` (scripts/package): mixfill, libmixfill0 and libmixfill-dev.
# The folders of Debian's layout follow from CMAKE_INSTALL_PREFIX=/usr at configuration.

set(CPACK_PACKAGE_NAME mixfill)
set(CPACK_PACKAGE_VERSION ${PROJECT_VERSION})
if(NOT CPACK_PACKAGE_CONTACT)
    set(CPACK_PACKAGE_CONTACT "mixfill authors <mixfill@example.org>")
endif()
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY ${PROJECT_DESCRIPTION})
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS
    OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_VERBATIM_VARIABLES ON)
set(CPACK_COMPONENTS_ALL program library development)
set(CPACK_PRE_BUILD_SCRIPTS ${PROJECT_SOURCE_DIR}/cmake/debian-files.cmake)

set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_RELEASE 1)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_DEBIAN_PROGRAM_PACKAGE_NAME mixfill)
set(CPACK_DEBIAN_PROGRAM_PACKAGE_SECTION science)
set(CPACK_DEBIAN_PROGRAM_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PROGRAM_DESCRIPTION
"Fits Gaussian models to huge, mostly empty ratings matrices, and
predicts the ratings that are missing. Reads MovieLens, Netflix Prize,
Matrix Market, NumPy and SciPy files.
.
This package holds the program.")

set(library_package libmixfill${PROJECT_VERSION_MAJOR})
set(CPACK_DEBIAN_LIBRARY_PACKAGE_NAME ${library_package})
set(CPACK_DEBIAN_LIBRARY_PACKAGE_SECTION libs)
set(CPACK_DEBIAN_LIBRARY_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_GENERATE_SHLIBS ON)
set(CPACK_DEBIAN_PACKAGE_GENERATE_SHLIBS_POLICY ">=")
file(WRITE ${PROJECT_BINARY_DIR}/debian/triggers "activate-noawait ldconfig\n")
set(CPACK_DEBIAN_LIBRARY_PACKAGE_CONTROL_EXTRA ${PROJECT_BINARY_DIR}/debian/triggers)
set(CPACK_DEBIAN_LIBRARY_DESCRIPTION
"Fits Gaussian models to huge, mostly empty ratings matrices, and
predicts the ratings that are missing.
.
This package holds the shared library.")

# What its static library and its pkg-config file ask for.
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_NAME libmixfill-dev)
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_SECTION libdevel)
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_DEPENDS
    "${library_package} (= ${PROJECT_VERSION}-1), libzip-dev, zlib1g-dev, libjansson-dev")
foreach(needs ZSTD:libzstd-dev BZIP2:libbz2-dev XZ:liblzma-dev)
    string(REPLACE ":" ";" needs ${needs})
    list(GET needs 0 decoder)
    list(GET needs 1 package)
    if(decoder IN_LIST decoders)
        string(APPEND CPACK_DEBIAN_DEVELOPMENT_PACKAGE_DEPENDS ", ${package}")
    endif()
endforeach()
set(CPACK_DEBIAN_DEVELOPMENT_DESCRIPTION
"Fits Gaussian models to huge, mostly empty ratings matrices, and
predicts the ratings that are missing.
.
This package holds the header, the static library, the CMake package and
the pkg-config file.")
foreach(component PROGRAM LIBRARY DEVELOPMENT)
    set(CPACK_DEBIAN_${component}_PACKAGE_PRIORITY optional)
endforeach()

include(CPack)
