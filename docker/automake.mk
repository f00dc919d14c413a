# SPDX-License-Identifier: GPL-2.0-or-later
EXTRA_DIST += \
	docker/README.md \
	docker/Dockerfile \
	docker/Dockerfile.dockerignore \
	docker/build-image \
	docker/healthy \
	docker/start-router \
	docker/dual-homed \
	docker/l2 \
	docker/pair \
	docker/two-router \
	# end
