/** Which definitions of the views for analysis are in the database; see `ensureBiViews`. */
export const biTables: readonly string[] = [`CREATE TABLE bi_definition (hash text NOT NULL)`];
