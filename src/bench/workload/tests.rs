use super::*;
use crate::variants;

#[test]
fn an_operation_leaves_the_state_as_it_was() {
    let setup = Setup { live: 3, ..USUAL };
    for variant in variants::all() {
        for path in &PATHS {
            let plugin = path.instance(variant, &setup, Draws::new(1, 0));
            let mut lane = Lane::new(path, &setup, 0);
            (0..100).for_each(|_| lane.operate(&*plugin));
            assert_eq!(plugin.live_entries(), 3, "{} {}", variant.name, path.name);
        }
    }
}

#[test]
fn every_path_is_answered_as_its_name_says() {
    let first = |name: &str| {
        let path = find(name).unwrap();
        let plugin = path.instance(&variants::all()[0], &USUAL, Draws::new(1, 0));
        Lane::new(path, &USUAL, 0).answers(&*plugin)
    };
    assert!(first("success")[0].contains("Done"));
    assert!(first("not_retryable_status")[0].contains("Done"));
    assert!(first("error_flag")[0].contains("ErrorFlag"));
    assert!(first("retryable_status")[0].contains("StructuredStatus(503)"));
    assert!(first("error_flag_404")[0].contains("NotRetryable(404)"));
    for text in ["text_60", "text_1k", "text_64k"] {
        assert!(first(text)[0].contains("TextStatus(503)"), "{text}");
    }
    assert!(first("exhausted")[1].contains("Exhausted(ErrorFlag)"));
    assert!(first("recovered")[1].contains("Done { retries: 1"));
    assert!(first("override")[0].contains("Retry"));
}

#[test]
fn texts_have_their_size_and_others_their_names() {
    for bytes in [60, 1_000, 64_000] {
        assert!(json(bytes).len().abs_diff(bytes) <= 2, "{bytes}: {}", json(bytes).len());
        assert!(serde_json::from_str::<serde_json::Value>(&json(bytes)).is_ok());
    }
    let (one, other) = (Other::new(7), Other::new(57));
    assert_eq!(one.key().tool, other.key().tool);
    assert_ne!(one.key().request, other.key().request);
}
