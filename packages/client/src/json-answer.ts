import type { Reply } from './call.ts'
import { otherAnswer } from './error-answer.ts'

/** The body of an answer, of the type that the contract gives it. @throws ApiError where it is no JSON object. */
export function json<Body>(reply: Reply): Body {
  const body = parse(reply.text)
  if (typeof body !== 'object' || body === null) throw otherAnswer(reply)
  return body as Body // sound as far as the server keeps to its contract
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
