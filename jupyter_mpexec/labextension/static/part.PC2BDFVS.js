import{a}from"./part.ND3Z4D4C.js";import"./part.4RW6HEDJ.js";import"./part.ERGTQZIC.js";import"./part.KYWM6URL.js";export{a as GraphPanel};
