/** What the gateway answered, together with what it was asked. */
export interface Answer<Data = Record<string, unknown>> {
  query: string
  variables: Record<string, unknown>
  status: number
  requestId: string | null
  data?: Data | null
  errors?: AnswerError[]
}
export interface AnswerError {
  message: string
  path?: (string | number)[]
  extensions: Record<string, unknown>
}
export interface UserError {
  code: string
  field: string[] | null
  message: string
  fix: string | null
}

/** One POST of an operation, as any client sends it. A token of null sends none. */
export async function ask<Data>(
  url: string,
  token: string | null,
  query: string,
  variables: Record<string, unknown> = {},
): Promise<Answer<Data>> {
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...bearer(token) },
    body: JSON.stringify({ query, variables }),
  })
  return answerOf(response, query, variables)
}

export function bearer(token: string | null): Record<string, string> {
  return token === null ? {} : { authorization: `Bearer ${token}` }
}

export async function answerOf<Data>(
  response: Response,
  query: string,
  variables: Record<string, unknown> = {},
): Promise<Answer<Data>> {
  const { status, headers } = response
  const body = (await response.json()) as Pick<Answer<Data>, 'data' | 'errors'>
  return { query, variables, status, requestId: headers.get('x-request-id'), ...body }
}

/** Query, answer and request id: for the message of an expectation that fails. */
export function about({ query, variables, status, requestId, data, errors }: Answer<unknown>): string {
  return [
    query.trim(),
    `with ${JSON.stringify(variables)}`,
    `was answered ${status} (request ${requestId})`,
    JSON.stringify({ data, errors }, null, 2),
  ].join('\n')
}

/** @throws Error telling the whole exchange, where the answer has errors */
export function dataOf<Data>(answer: Answer<Data>): Data {
  if (answer.errors || !answer.data) throw new Error(about(answer))
  return answer.data
}

/** Codes of the errors, in their order. */
export function codesOf({ errors = [] }: Answer<unknown>): unknown[] {
  return errors.map(({ extensions }) => extensions.code)
}
