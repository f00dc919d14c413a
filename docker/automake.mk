# SPDX-License-Identifier: GPL-2.0-or-later
EXTRA_DIST += \
	docker/Dockerfile \
	docker/Dockerfile.dockerignore \
	docker/healthy \
	docker/start-router \
	docker/l2 \
	docker/two-router \
	# end
