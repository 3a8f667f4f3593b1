import { mendText } from '#kernel';

/** What no URI has as it is (RFC 3986); what is encoded already stays so. */
const NOT_IN_URIS = /[^\w.~!*'();:@&=+$,/?#[\]%-]/gu;

/** @returns an address that ends where it ends, wherever it is put */
export function linkTarget(url: string): string {
  return mendText(url).replace(NOT_IN_URIS, encodeURIComponent);
}
