"use strict";

/**
 * Queries over all partitions that the service does not sort itself: it tells the client how to do it (a query plan), and the
 * client asks each range of partitions. Only what is sorted or cut to a number of rows; the rest is answered at once.
 */

const FORM = /^\s*SELECT\s+(?:TOP\s+(\d+)\s+)?\*\s+FROM\s+(\w+)(?:\s+WHERE\s+(.*?))?(?:\s+ORDER\s+BY\s+(.*?))?\s*$/is;

/** Whether the client must ask for a plan first. */
function needsPlan(text) {
  return /\bORDER\s+BY\b|\bSELECT\s+TOP\b/i.test(text);
}

/** The plan of a query; undefined where it is not understood here. */
function planOf(text) {
  const found = FORM.exec(text);
  if (!found) return undefined;
  const [, top, alias, where, order] = found;
  const terms = (order || "").split(",").map(term => term.trim()).filter(Boolean);
  const expressions = terms.map(term => term.replace(/\s+(ASC|DESC)$/i, ""));
  const first = top === undefined ? "" : `TOP ${top} `;
  const items = expressions.map(expression => `{"item": ${expression}}`).join(", ");
  const filter = where ? `(${where}) AND ({documentdb-formattableorderbyquery-filter})` : "({documentdb-formattableorderbyquery-filter})";
  return {
    partitionedQueryExecutionInfoVersion: 2,
    queryInfo: {
      distinctType: "None",
      top: top === undefined ? null : Number(top),
      offset: null,
      limit: null,
      orderBy: terms.map(term => (/\sDESC$/i.test(term) ? "Descending" : "Ascending")),
      orderByExpressions: expressions,
      groupByExpressions: [],
      aggregates: [],
      hasSelectValue: false,
      rewrittenQuery: terms.length
        ? `SELECT ${first}${alias}._rid, [${items}] AS orderByItems, ${alias} AS payload FROM ${alias} WHERE ${filter} ORDER BY ${order}`
        : ""
    },
    queryRanges: [{ min: "", max: "FF", isMinInclusive: true, isMaxInclusive: false }]
  };
}

module.exports = { needsPlan, planOf };
