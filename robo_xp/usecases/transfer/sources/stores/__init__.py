"""Shapes that no single bot owns: databases of libraries, plain JSON, tables, Robo.js."""
