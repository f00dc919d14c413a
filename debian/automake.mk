# SPDX-License-Identifier: GPL-2.0-or-later
# dpkg-buildpackage -us -uc -b
EXTRA_DIST += \
	debian/changelog \
	debian/clean \
	debian/control \
	debian/copyright \
	debian/libsrpsession-dev.examples \
	debian/libsrpsession-dev.install \
	debian/libsrpsession1.install \
	debian/libsrpsession1.symbols \
	debian/not-installed \
	debian/rules \
	debian/shlibs.local \
	debian/source/format \
	debian/srp-ctsync.examples \
	debian/srp-ctsync.install \
	debian/srpd-doc.docs \
	debian/srpd.README.Debian \
	debian/srpd.dirs \
	debian/srpd.install \
	debian/srpd.links \
	debian/srpd.lintian-overrides \
	debian/srpd.postinst \
	debian/srpd.postrm \
	debian/srpd.prerm \
	# end
