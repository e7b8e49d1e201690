//! Names beside the ends of lines. Lines end where they like, often together; their names must not lie
//! on one another.

/// Moves heights apart until neighbours differ by `room`, within `top ..= bottom`, keeping their order
/// and staying as near as the order of falling in allows. Gives the new height of each.
pub(super) fn spread(heights: &[f64], room: f64, top: f64, bottom: f64) -> Vec<f64> {
    let mut order: Vec<usize> = (0..heights.len()).collect();
    order.sort_by(|a, b| heights[*a].total_cmp(&heights[*b]).then(a.cmp(b)));
    let mut placed = heights.to_vec();
    let mut lowest = top;
    for i in &order {
        placed[*i] = placed[*i].max(lowest);
        lowest = placed[*i] + room;
    }
    let mut highest = bottom;
    for i in order.iter().rev() {
        placed[*i] = placed[*i].min(highest);
        highest = placed[*i] - room;
    }
    placed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_lines_that_meet_stand_apart_in_order() {
        assert_eq!(spread(&[50.0, 50.0, 10.0], 14.0, 0.0, 100.0), [50.0, 64.0, 10.0]);
        assert_eq!(spread(&[99.0, 100.0], 14.0, 0.0, 100.0), [86.0, 100.0]);
    }
}
