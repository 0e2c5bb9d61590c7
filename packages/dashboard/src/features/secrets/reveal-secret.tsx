import type { CreatedIdentitySecret } from '@cutover/contract'
import { FingerprintCheck } from '../../ui/fingerprint-check.tsx'
import { RevealOnce } from '../../ui/reveal-once.tsx'
import { SigningSnippet } from './signing-snippet.tsx'

const variable = 'SIGNING_SECRET'

interface RevealSecretProps {
  readonly created: CreatedIdentitySecret
  readonly onClose: () => void
}

export function RevealSecret({ created, onClose }: RevealSecretProps) {
  return (
    <RevealOnce
      title={created.name}
      secret={created.secret}
      variable={variable}
      fileName={`cutover-secret-${created.id}.env`}
      onClose={onClose}
    >
      <FingerprintCheck fingerprint={created.fingerprint} variable={variable} />
      <SigningSnippet />
    </RevealOnce>
  )
}
