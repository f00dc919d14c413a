/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The state of bgpd's peers, read whole each time.
 *
 * peer_status_changed also fires for peers that no operator knows: the temporary one of a connection
 * collision, the internal one of static announcements. So the hook only triggers, and the state is taken
 * from the peers that carry configuration (PEER_FLAG_CONFIG_NODE), over all instances: the default one,
 * VRFs and views.
 */
#include "frr-integration/bgpd_srp.h"

bool bgpsrp_peer_internal(const struct peer *peer)
{
	return peer->sort == BGP_PEER_IBGP || peer->sort == BGP_PEER_CONFED;
}

/* Fill in `to`; false for a peer that is none of the operator's. */
static bool peer_take(const struct bgp *bgp, struct peer *peer, struct bgp_ipc_peer *to)
{
	const char *context = bgpsrp_bgp_context(bgp);

	if (!CHECK_FLAG(peer->flags, PEER_FLAG_CONFIG_NODE) || CHECK_FLAG(peer->sflags, PEER_STATUS_GROUP) ||
	    peer == bgp->peer_self || strlen(context) >= sizeof(to->context))
		return false;
	memset(to, 0, sizeof(*to));
	strlcpy(to->context, context, sizeof(to->context));
	if (peer->conf_if)
		strlcpy(to->ifname, peer->conf_if, sizeof(to->ifname));
	switch (srp_peer_address(peer)->sa.sa_family) {
	case AF_INET:
		to->addr.family = AF_INET;
		memcpy(to->addr.bytes, &srp_peer_address(peer)->sin.sin_addr, 4);
		break;
	case AF_INET6:
		to->addr.family = AF_INET6;
		memcpy(to->addr.bytes, &srp_peer_address(peer)->sin6.sin6_addr, 16);
		break;
	default:
		if (!peer->conf_if)
			return false;
	}
	to->established = srp_peer_established(peer);
	to->ibgp = bgpsrp_peer_internal(peer);
	to->remote_as = peer->as;
	return true;
}

struct bgp_ipc_peer *bgpsrp_peers(size_t *count)
{
	struct listnode *node, *peer_node;
	struct bgp_ipc_peer *list;
	struct peer *peer;
	size_t room = 0;
	struct bgp *bgp;

	*count = 0;
	for (ALL_LIST_ELEMENTS_RO(bm->bgp, node, bgp))
		room += listcount(bgp->peer);
	if (room > BGP_IPC_PEERS_MAX)
		room = BGP_IPC_PEERS_MAX;
	list = room ? calloc(room, sizeof(*list)) : NULL;
	if (!list)
		return NULL;
	for (ALL_LIST_ELEMENTS_RO(bm->bgp, node, bgp))
		for (ALL_LIST_ELEMENTS_RO(bgp->peer, peer_node, peer))
			if (*count < room && peer_take(bgp, peer, &list[*count]))
				(*count)++;
	return list;
}
