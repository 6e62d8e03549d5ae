# What an installation is made of besides the programmes, in GNU's folders. Rooms install what is theirs with the same variables.
include(GNUInstallDirs)
# Where udev, systemd and their helpers look, below the prefix; never the multiarch lib/x86_64-linux-gnu.
set(FLASHLINE_LIBDIR lib CACHE STRING "folder of udev/rules.d, sysusers.d, tmpfiles.d and systemd/system, below the prefix")

# The programme finds its data from where it lies: an installation may be moved, or be in a folder of an image.
function(from_bin out folder)
  file(RELATIVE_PATH path ${CMAKE_INSTALL_FULL_BINDIR} ${folder})
  set(${out} ${path} PARENT_SCOPE)
endfunction()
from_bin(FLASHLINE_DATA_FROM_BIN ${CMAKE_INSTALL_FULL_DATADIR})
from_bin(FLASHLINE_SBIN_FROM_BIN ${CMAKE_INSTALL_FULL_SBINDIR})
from_bin(FLASHLINE_LOCALE_FROM_BIN ${CMAKE_INSTALL_FULL_LOCALEDIR})

# For adapters, records and the service: packaging/ has the folders that an installation has.
install(PROGRAMS packaging/sbin/flashline-access TYPE SBIN COMPONENT access)
install(DIRECTORY packaging/lib/ DESTINATION ${FLASHLINE_LIBDIR} COMPONENT access)
file(GLOB units CONFIGURE_DEPENDS packaging/systemd/*.service packaging/systemd/*.target packaging/systemd/*.socket)
foreach(unit ${units}) # they name the programme by its path
  get_filename_component(name ${unit} NAME)
  file(READ ${unit} text)
  string(REPLACE /usr/bin/ ${CMAKE_INSTALL_FULL_BINDIR}/ text "${text}")
  string(REPLACE /etc/default/ ${CMAKE_INSTALL_FULL_SYSCONFDIR}/default/ text "${text}")
  file(CONFIGURE OUTPUT ${CMAKE_BINARY_DIR}/units/${name} CONTENT "${text}" @ONLY)
  install(FILES ${CMAKE_BINARY_DIR}/units/${name} DESTINATION ${FLASHLINE_LIBDIR}/systemd/system COMPONENT access)
endforeach()

if(EXISTS ${CMAKE_SOURCE_DIR}/packaging/systemd/flashline.default) # what they run, for the engineer to edit
  install(FILES packaging/systemd/flashline.default DESTINATION ${CMAKE_INSTALL_SYSCONFDIR}/default RENAME flashline COMPONENT access)
endif()

file(GLOB pages CONFIGURE_DEPENDS docs/man/*.1)
install(FILES ${pages} DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
file(GLOB pages CONFIGURE_DEPENDS docs/man/*.5)
install(FILES ${pages} DESTINATION ${CMAKE_INSTALL_MANDIR}/man5)
file(GLOB pages CONFIGURE_DEPENDS docs/man/*.8)
install(FILES ${pages} DESTINATION ${CMAKE_INSTALL_MANDIR}/man8)

# Pages for those who use a station. Those for its developers name what only the sources have.
set(developers [.][.]/ architecture.md howto-add-chip.md styleguide.md usb.md README.md)
file(GLOB docs CONFIGURE_DEPENDS docs/*.md docs/*.png)
foreach(page ${docs})
  get_filename_component(name ${page} NAME)
  if(NOT name IN_LIST developers)
    install(FILES ${page} TYPE DOC COMPONENT doc)
  endif()
endforeach()
list(TRANSFORM developers PREPEND "[(]" OUTPUT_VARIABLE words)
list(JOIN words "|" words)
add_custom_command(OUTPUT ${CMAKE_BINARY_DIR}/docs/README.md
  COMMAND ${CMAKE_COMMAND} -E make_directory ${CMAKE_BINARY_DIR}/docs
  COMMAND sh -c "grep -vE '${words}' \"$1\" >\"$2\"" sh ${CMAKE_SOURCE_DIR}/docs/README.md ${CMAKE_BINARY_DIR}/docs/README.md
  DEPENDS docs/README.md VERBATIM)
add_custom_target(index-of-docs ALL DEPENDS ${CMAKE_BINARY_DIR}/docs/README.md)
install(FILES ${CMAKE_BINARY_DIR}/docs/README.md TYPE DOC COMPONENT doc)
install(FILES CHANGELOG.md LICENSE TYPE DOC COMPONENT doc)

# A programme in its build folder finds the shipped jobs and its helper as an installed one does.
file(MAKE_DIRECTORY ${CMAKE_BINARY_DIR}/share/flashline)
file(CREATE_LINK ${CMAKE_SOURCE_DIR}/profiles/jobs ${CMAKE_BINARY_DIR}/share/flashline/profiles SYMBOLIC)
file(CREATE_LINK ${CMAKE_SOURCE_DIR}/packaging/sbin ${CMAKE_BINARY_DIR}/sbin SYMBOLIC)
