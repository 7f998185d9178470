const NEWLINE = 0x0a

/**
 * Values of a stream that has one JSON value a line, however the lines are cut into chunks. An unfinished
 * last line is dropped: the stream broke inside it, and whoever resumes gets it again whole.
 */
export async function* jsonLines<T>(chunks: AsyncIterable<Buffer>): AsyncGenerator<T, void, void> {
  let unfinished: Buffer[] = []
  for await (const chunk of chunks) {
    let start = 0
    for (let end = chunk.indexOf(NEWLINE); end !== -1; end = chunk.indexOf(NEWLINE, start)) {
      // Decoded only when whole: a chunk may end inside a character.
      yield JSON.parse(Buffer.concat([...unfinished, chunk.subarray(start, end)]).toString('utf8')) as T
      unfinished = []
      start = end + 1
    }
    if (start < chunk.length) unfinished.push(chunk.subarray(start))
  }
}
