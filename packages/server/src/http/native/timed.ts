import type { FastifyRequest } from 'fastify'
import type { TimedOperation, VerificationDurations } from '../../metrics/verification-durations.ts'

/**
 * Measures from the headers of a request to its verdict, which is where the wait for its body and for the store is. One
 * that was refused or failed had no verdict, and is not measured.
 */
export function timed<Request extends FastifyRequest, Answer>(
  durations: VerificationDurations,
  operation: TimedOperation,
  judge: (request: Request) => Answer | Promise<Answer>,
): (request: Request) => Answer | Promise<Answer> {
  const measured = ({ startedMs }: Request, answer: Answer): Answer => {
    durations.observe(operation, performance.now() - startedMs)
    return answer
  }
  return (request) => {
    const answer = judge(request)
    return answer instanceof Promise ? answer.then((late) => measured(request, late)) : measured(request, answer)
  }
}
