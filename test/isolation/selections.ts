import {
  type GraphQLArgument,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLSchema,
  getNamedType,
  isInterfaceType,
  isLeafType,
  isObjectType,
  isRequiredArgument,
} from 'graphql'

/** The gateway takes operations of at most a thousand fields, sixteen deep. */
const MAX_FIELDS = 800
const MAX_DEPTH = 8

/** Everything that can be asked of a type, as deep as one operation may ask; '' for a leaf. */
export function selectionOf(schema: GraphQLSchema, type: GraphQLOutputType): string {
  let deepest = ''
  for (let depth = 1; depth <= MAX_DEPTH; depth += 1) {
    const selection = select(schema, type, depth)
    if (fieldsIn(selection) > MAX_FIELDS) break
    deepest = selection
  }
  return deepest
}

function select(schema: GraphQLSchema, type: GraphQLOutputType, depth: number): string {
  const named = getNamedType(type)
  if (isLeafType(named) || depth === 0) return ''
  if (isInterfaceType(named)) {
    const types = schema.getPossibleTypes(named)
    const parts = types.map((type) => `... on ${type.name} ${selectFields(schema, type, { depth, beside: types })}`)
    return `{ __typename ${parts.join(' ')} }`
  }
  if (!isObjectType(named)) throw new Error(`a selection of ${named.name} is not known here`)
  return selectFields(schema, named, { depth, beside: [named] })
}

interface Selecting {
  depth: number
  /** Types that are asked in the same selection. */
  beside: readonly GraphQLObjectType[]
}

function selectFields(schema: GraphQLSchema, object: GraphQLObjectType, { depth, beside }: Selecting): string {
  const parts = Object.values(object.getFields())
    .filter((field) => !field.args.some(isRequiredArgument))
    .map(({ name, type, args }) => {
      if (!isLeafType(getNamedType(type))) {
        const inner = select(schema, type, depth - 1)
        return inner === '' ? '' : `${name}${pageOf(args)} ${inner}`
      }
      // One answer cannot have two types of value under one name.
      const types = new Set(beside.flatMap((each) => each.getFields()[name]?.type ?? []).map(String))
      return types.size > 1 ? `${name}Of${object.name}: ${name}` : name
    })
    .filter((part) => part !== '')
  return parts.length === 0 ? '{ __typename }' : `{ ${parts.join(' ')} }`
}

/** Lists in lists are priced by their pages: short ones, so that one operation may ask deep. */
export function pageOf(args: readonly GraphQLArgument[]): string {
  return args.some(({ name }) => name === 'first') ? '(first: 5)' : ''
}

function fieldsIn(selection: string): number {
  return selection.match(/\w+/g)?.length ?? 0
}
