/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The Ethernet frames that tell a segment where an address now is, as bytes. Pure: no socket, no allocation.
 *
 * IPv4, gratuitous ARP, in both of its forms (RFC 5944 section 4.6). The request is the ARP announcement of
 * RFC 5227: RFC 826 has a receiver take the sender's addresses from any ARP packet, and a broadcast request
 * is what every host looks at. But there are receivers that go by answers only, and others that go by
 * requests only; both is what reaches most. In the reply the target hardware address is the sender's: Linux
 * takes it for gratuitous, and lets it replace a younger entry, only then.
 *
 * IPv6, the unsolicited neighbour advertisement of RFC 4861 section 7.2.6. Its source is the announced
 * address itself, which RFC 4861 section 4.4 allows because it is assigned to the interface, and for which no
 * other address has to be found.
 */
#ifndef SRP_NETLINK_FRAME_H
#define SRP_NETLINK_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FRAME_MAC_LEN       6
#define FRAME_ARP_LEN       42 /* the driver pads it to what Ethernet asks for */
#define FRAME_ADVERTISE_LEN 86
#define FRAME_MAX           FRAME_ADVERTISE_LEN

/* Addresses are in network byte order. Each fills `buf` and returns the length. */

/* ARP request, broadcast: sender and target are `addr`. */
size_t frame_arp_request(uint8_t buf[static FRAME_MAX], const uint8_t mac[static FRAME_MAC_LEN],
			 const uint8_t addr[static 4]);
/* ARP reply, broadcast: sender and target are `addr` and `mac`. */
size_t frame_arp_reply(uint8_t buf[static FRAME_MAX], const uint8_t mac[static FRAME_MAC_LEN],
		       const uint8_t addr[static 4]);
/* Neighbour advertisement to all nodes, unsolicited, overriding; `router`: the sender forwards. */
size_t frame_advertise(uint8_t buf[static FRAME_MAX], const uint8_t mac[static FRAME_MAC_LEN],
		       const uint8_t addr[static 16], bool router);

#endif
