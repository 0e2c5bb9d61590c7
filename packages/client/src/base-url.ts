/** Without a slash at its end, so that a path can follow. @throws TypeError for what is no address of a server. */
export function baseUrlOf(text: string): string {
  if (!URL.canParse(text)) throw new TypeError('baseUrl must be an http or https URL')
  const { protocol, origin, pathname, search, hash, username, password } = new URL(text)
  if (!/^https?:$/.test(protocol)) throw new TypeError('baseUrl must be an http or https URL')
  if (`${search}${hash}${username}${password}` !== '') {
    throw new TypeError('baseUrl must not have a user, a query or a fragment')
  }
  // Not `href`, which keeps a `?` or a `#` with nothing behind it: the path would become a query.
  return origin + pathname.replace(/\/+$/, '')
}
