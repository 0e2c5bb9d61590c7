import { setNonce } from 'get-nonce'

/** Of this one answer of the server; its policy lets in only the styles that carry it. */
export function pageNonce(): string {
  return document.querySelector<HTMLMetaElement>('meta[name="csp-nonce"]')?.content ?? ''
}

export function takeNonce(): void {
  setNonce(pageNonce())
}
