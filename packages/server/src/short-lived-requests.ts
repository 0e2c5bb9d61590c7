import { setFlagsFromString } from 'node:v8'

/**
 * What a request makes is garbage once it is answered, and V8 collects young garbage for next to nothing. But where most
 * objects that were made in a place stayed alive, V8 makes the next ones there in the old generation. Some places of Node
 * serve connections, which stay, and requests alike: where clients came and went, part of each request was made old, and
 * kept all that it refers to. More than half of the garbage was copied, in pauses of 20 to 30 ms instead of one, and a
 * verification cost up to half as much again (docs/performance.md).
 */
setFlagsFromString('--no-allocation-site-pretenuring')
