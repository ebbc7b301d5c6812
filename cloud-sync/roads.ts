export { centralRoad, type Road, type RoadSettings, roadsOf } from "../config/roads.ts";
