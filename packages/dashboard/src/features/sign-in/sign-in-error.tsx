import { ApiError } from '@cutover/client'
import { ErrorNotice } from '../../ui/error-notice.tsx'

/** The server tells nobody which of the three it is: whoever guesses would learn from it. */
const notAccepted =
  'It is unknown to this server, has expired, or was revoked. Ask whoever manages access tokens for a new one.'

export function SignInError({ error }: { readonly error: unknown }) {
  if (!(error instanceof ApiError) || error.status !== 401)
    return <ErrorNotice what="Signing in failed" error={error} />
  const { status, code, requestId } = error
  const inWords = new ApiError({ status, code, requestId, dialect: 'native', message: notAccepted })
  return <ErrorNotice what="This token is not accepted" error={inWords} />
}
