/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Gratuitous ARP and unsolicited neighbour advertisements, byte by byte. See frame.h. */
#include "netlink/frame.h"

#include <string.h>

#define ETHERNET_LEN    14
#define IPV6_LEN        40
#define ADVERTISE_LEN   32 /* ICMPv6: header 8, target 16, option 8 */
#define ARP_REQUEST     1
#define ARP_REPLY       2
#define FLAG_ROUTER     0x80
#define FLAG_OVERRIDE   0x20
#define ICMPV6          58
#define ICMPV6_NA       136
#define OPTION_LINK     2 /* target link-layer address */
#define OPTION_LINK_LEN 1 /* in units of 8 bytes */
#define HOP_LIMIT       255

static uint8_t *put(uint8_t *at, const void *bytes, size_t count)
{
	memcpy(at, bytes, count);
	return at + count;
}

static uint8_t *put_u16(uint8_t *at, uint16_t value)
{
	at[0] = (uint8_t)(value >> 8);
	at[1] = (uint8_t)value;
	return at + 2;
}

static uint8_t *put_ethernet(uint8_t *at, const uint8_t *to, const uint8_t *from, uint16_t type)
{
	at = put(at, to, FRAME_MAC_LEN);
	at = put(at, from, FRAME_MAC_LEN);
	return put_u16(at, type);
}

static size_t arp(uint8_t *buf, uint16_t operation, const uint8_t *mac, const uint8_t *target_mac,
		  const uint8_t *addr)
{
	static const uint8_t everybody[FRAME_MAC_LEN] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
	uint8_t *at = put_ethernet(buf, everybody, mac, 0x0806);

	at = put_u16(at, 1);      /* Ethernet */
	at = put_u16(at, 0x0800); /* IPv4 */
	*at++ = FRAME_MAC_LEN;
	*at++ = 4;
	at = put_u16(at, operation);
	at = put(at, mac, FRAME_MAC_LEN);
	at = put(at, addr, 4);
	at = put(at, target_mac, FRAME_MAC_LEN);
	at = put(at, addr, 4);
	return (size_t)(at - buf);
}

size_t frame_arp_request(uint8_t buf[static FRAME_MAX], const uint8_t mac[static FRAME_MAC_LEN],
			 const uint8_t addr[static 4])
{
	static const uint8_t nobody[FRAME_MAC_LEN];

	return arp(buf, ARP_REQUEST, mac, nobody, addr);
}

size_t frame_arp_reply(uint8_t buf[static FRAME_MAX], const uint8_t mac[static FRAME_MAC_LEN],
		       const uint8_t addr[static 4])
{
	return arp(buf, ARP_REPLY, mac, mac, addr);
}

/* Sum of 16-bit words, RFC 1071; an even number of bytes. */
static uint32_t sum(uint32_t so_far, const uint8_t *bytes, size_t count)
{
	for (size_t i = 0; i < count; i += 2)
		so_far += (uint32_t)bytes[i] << 8 | bytes[i + 1];
	return so_far;
}

static uint16_t fold(uint32_t total)
{
	while (total >> 16)
		total = (total & 0xffff) + (total >> 16);
	return (uint16_t)~total;
}

size_t frame_advertise(uint8_t buf[static FRAME_MAX], const uint8_t mac[static FRAME_MAC_LEN],
		       const uint8_t addr[static 16], bool router)
{
	static const uint8_t all_nodes_mac[FRAME_MAC_LEN] = {0x33, 0x33, 0, 0, 0, 1};
	static const uint8_t all_nodes[16] = {0xff, 0x02, [15] = 1};
	uint8_t *at = put_ethernet(buf, all_nodes_mac, mac, 0x86dd);
	uint8_t *icmp;

	memset(at, 0, IPV6_LEN + ADVERTISE_LEN);
	*at = 6 << 4;
	put_u16(at + 4, ADVERTISE_LEN);
	at[6] = ICMPV6;
	at[7] = HOP_LIMIT;
	put(at + 8, addr, 16);
	put(at + 24, all_nodes, 16);

	icmp = at + IPV6_LEN;
	icmp[0] = ICMPV6_NA;
	icmp[4] = FLAG_OVERRIDE | (router ? FLAG_ROUTER : 0);
	put(icmp + 8, addr, 16);
	icmp[24] = OPTION_LINK;
	icmp[25] = OPTION_LINK_LEN;
	put(icmp + 26, mac, FRAME_MAC_LEN);
	/* With the pseudo header of RFC 8200 section 8.1: both addresses, length, next header. */
	put_u16(icmp + 2, fold(sum(ADVERTISE_LEN + ICMPV6 + sum(0, at + 8, 32), icmp, ADVERTISE_LEN)));
	return ETHERNET_LEN + IPV6_LEN + ADVERTISE_LEN;
}
