/** A style sheet that is fetched with the code that names it. */
declare module "*.css";
