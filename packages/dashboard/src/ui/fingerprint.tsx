/** Names a secret without telling it. */
export function Fingerprint({ value }: { readonly value: string }) {
  return (
    <code title="SHA-256 of the secret, its first 16 hex digits" className="name">
      {value}
    </code>
  )
}

export function Id({ value }: { readonly value: string }) {
  return <code className="name">{value}</code>
}
