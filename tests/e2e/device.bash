# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# A simulated device and the parties around it, for end-to-end tests and benchmarks.

device_stop() { :; }
