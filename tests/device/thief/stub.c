/* SPDX-License-Identifier: MIT
 *
 * Stands for the victim when the thief that needs it as a library is linked.
 */
int victim = 1;
