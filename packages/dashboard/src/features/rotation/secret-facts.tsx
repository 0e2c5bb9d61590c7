import type { IdentitySecret } from '@cutover/contract'
import { Anchor } from '@mantine/core'
import { Link } from 'react-router'
import { Facts } from '../../ui/facts.tsx'
import { Fingerprint, Id } from '../../ui/fingerprint.tsx'
import { ExactMoment, Moment } from '../../ui/moment.tsx'
import { Platforms } from '../../ui/platforms.tsx'
import { plural } from '../../ui/words.ts'

/** All that is known of it; its material is in no answer. */
export function SecretFacts({ secret }: { readonly secret: IdentitySecret }) {
  const { id, fingerprint, platforms, createdAt, createdBy, ageDays, lastVerifiedAt, rotationDueAt, successorId } =
    secret
  const facts: [string, React.ReactNode][] = [
    ['Id', <Id key="id" value={id} />],
    ['Fingerprint', <Fingerprint key="fingerprint" value={fingerprint} />],
    ['Platforms', <Platforms key="platforms" value={platforms} />],
    ['Created', <ExactMoment key="created" iso={createdAt} />],
    ['Created by', <Id key="by" value={createdBy} />],
    ['Age', plural(ageDays, 'day')],
    ['Last used', <Moment key="used" iso={lastVerifiedAt} never="never" />],
    ['Rotation due', <Moment key="due" iso={rotationDueAt} never="no policy, or not live" />],
    ...endings(secret),
  ]
  if (successorId !== null) facts.push(['Successor', <SecretLink key="successor" id={successorId} />])
  return <Facts facts={facts} />
}

function endings({ disabledAt, enableAt, expiresAt, deletedAt, deletedBy, purgeAt }: IdentitySecret) {
  const known: [string, React.ReactNode][] = []
  if (disabledAt !== null) known.push(['Disabled', <ExactMoment key="disabled" iso={disabledAt} />])
  if (enableAt !== null) known.push(['Enabled again', <ExactMoment key="enable" iso={enableAt} />])
  if (expiresAt !== null) known.push(['Ends', <ExactMoment key="expires" iso={expiresAt} />])
  if (deletedAt !== null) known.push(['Deleted', <ExactMoment key="deleted" iso={deletedAt} />])
  if (deletedBy !== null) known.push(['Deleted by', <Id key="deletedBy" value={deletedBy} />])
  if (purgeAt !== null) known.push(['Destroyed', <ExactMoment key="purge" iso={purgeAt} />])
  return known
}

function SecretLink({ id }: { readonly id: string }) {
  return (
    <Anchor component={Link} to={`/secrets/${id}`} inherit>
      <code>{id}</code>
    </Anchor>
  )
}
