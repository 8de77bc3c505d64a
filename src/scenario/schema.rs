//! The JSON Schema of a study file, for editors: made from the same table that reading uses.

use super::fields::STUDY;
use super::shape::{Map, Shape};
use serde_json::{Map as JsonMap, Value as Json, json};

/// The JSON Schema (draft 2020-12) of a study file.
#[must_use]
pub fn schema() -> Json {
    let mut definitions = JsonMap::new();
    let mut root = map_schema(&STUDY, &mut definitions);
    if let Some(root) = root.as_object_mut() {
        root.insert("$schema".to_owned(), json!("https://json-schema.org/draft/2020-12/schema"));
        root.insert("title".to_owned(), json!("Risposta study"));
        root.insert("$defs".to_owned(), Json::Object(definitions));
    }
    root
}

fn map_schema(map: &Map, definitions: &mut JsonMap<String, Json>) -> Json {
    let mut properties = JsonMap::new();
    for field in map.fields {
        let mut schema = shape_schema(&field.shape, definitions);
        if let Some(schema) = schema.as_object_mut() {
            schema.insert("description".to_owned(), json!(field.doc));
        }
        properties.insert(field.key.to_owned(), schema);
    }
    let required: Vec<_> = map.fields.iter().filter(|f| f.required).map(|f| f.key).collect();
    json!({"type": "object", "properties": properties, "required": required, "additionalProperties": false})
}

fn shape_schema(shape: &Shape, definitions: &mut JsonMap<String, Json>) -> Json {
    match shape {
        Shape::Leaf(leaf) => leaf.schema(),
        Shape::Map(map) => {
            let name = map.name.replace(' ', "_");
            if !definitions.contains_key(&name) {
                let schema = map_schema(map, definitions);
                definitions.insert(name.clone(), schema);
            }
            json!({"$ref": format!("#/$defs/{name}")})
        }
        Shape::Named { key, each } => {
            let mut names = key.schema();
            if let Some(names) = names.as_object_mut() {
                names.remove("type");
            }
            json!({"type": "object", "propertyNames": names, "additionalProperties": shape_schema(each, definitions)})
        }
        Shape::List(each) => json!({"type": "array", "items": shape_schema(each, definitions)}),
        Shape::OneOrMore(each) => {
            let one = shape_schema(each, definitions);
            json!({"anyOf": [one, {"type": "array", "items": one}]})
        }
        Shape::Either(shapes) => {
            json!({"anyOf": shapes.iter().map(|s| shape_schema(s, definitions)).collect::<Vec<_>>()})
        }
    }
}
