/* SPDX-License-Identifier: Apache-2.0 */
/*
 * errno_text - what an errno means, in English whatever the locale is. What is said here may stand in a record for years,
 * and two stations of one factory must not say it in two languages; strerror() speaks the language of whoever started the
 * programme. Its only owner: tests/lint/test_locale.sh refuses strerror() and its kin everywhere else.
 */
#ifndef BASE_ERRNO_TEXT_H
#define BASE_ERRNO_TEXT_H

/* `error` is a positive errno. Static storage, from any thread; never NULL. */
const char *errno_text(int error);

#endif /* BASE_ERRNO_TEXT_H */
