-- A document that publish kept whole, such as the rule set.
SELECT content FROM published.documents WHERE key = ?;
