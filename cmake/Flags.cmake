# Warnings are errors; sanitizers by preset. For all that is built; what only rooms get stands in room().
add_compile_options(-Wall -Wextra -Wpedantic -Wshadow -Wstrict-prototypes -Wmissing-prototypes
  -Wpointer-arith -Wwrite-strings -Wvla -Wformat=2 -Werror)
# The optimiser's guesses at ranges make it see truncation in every bounded snprintf; cutting there is what they are for.
add_compile_options($<$<CONFIG:Release>:-Wno-format-truncation>)
# What ships is the same from whatever folder it was built in.
add_compile_options($<$<CONFIG:Release>:-ffile-prefix-map=${CMAKE_BINARY_DIR}=build>
  $<$<CONFIG:Release>:-ffile-prefix-map=${CMAKE_SOURCE_DIR}=.>)
add_compile_definitions(_GNU_SOURCE FLASHLINE_VERSION="${PROJECT_VERSION}")

if(FLASHLINE_SANITIZE STREQUAL "address")
  set(_san -fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer)
elseif(FLASHLINE_SANITIZE STREQUAL "thread")
  set(_san -fsanitize=thread -fno-omit-frame-pointer)
elseif(FLASHLINE_SANITIZE STREQUAL "fuzz")
  set(_san -fsanitize=address,undefined,fuzzer-no-link -fno-sanitize-recover=undefined -fno-omit-frame-pointer)
elseif(NOT FLASHLINE_SANITIZE STREQUAL "")
  message(FATAL_ERROR "FLASHLINE_SANITIZE: address, thread, fuzz or empty, not '${FLASHLINE_SANITIZE}'")
endif()
if(_san)
  add_compile_options(${_san} -O1 -g)
  add_link_options(${_san})
endif()

# room(NAME LIBS...): one folder, one static library made of every .c file in it and in the rooms within it.
function(room name)
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.c)
  add_library(${name} STATIC ${sources})
  target_include_directories(${name} PUBLIC ${CMAKE_SOURCE_DIR})
  # Lengths and offsets come from files and wires: no silent narrowing or change of sign in what ships.
  target_compile_options(${name} PRIVATE -Wconversion)
  target_link_libraries(${name} PUBLIC ${ARGN})
endfunction()
