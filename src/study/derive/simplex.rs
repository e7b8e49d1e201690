//! The lowest point of a function of four numbers, without its derivatives: the simplex of Nelder and Mead (*A simplex
//! method for function minimization*, 1965).

const N: usize = 4;
/// Steps at most.
const STEPS: usize = 400;
/// A simplex whose values differ by less has arrived.
const FLAT: f64 = 1e-2;

type Point = [f64; N];

/// The lowest point found from a start, and its value.
pub(super) fn lowest(start: Point, f: &dyn Fn(&Point) -> f64) -> (Point, f64) {
    let once = descend(start, f);
    // Once more from there: a simplex can flatten before it has arrived.
    descend(once.0, f)
}

fn descend(start: Point, f: &dyn Fn(&Point) -> f64) -> (Point, f64) {
    let value = |x: Point| (x, f(&x));
    let mut corners = vec![value(start)];
    for i in 0..N {
        let mut x = start;
        x[i] += 0.7;
        corners.push(value(x));
    }
    for _ in 0..STEPS {
        corners.sort_by(|a, b| a.1.total_cmp(&b.1));
        if corners[N].1 - corners[0].1 < FLAT {
            break;
        }
        let centre: Point =
            std::array::from_fn(|k| corners[..N].iter().map(|(x, _)| x[k]).sum::<f64>() / N as f64);
        let worst = corners[N];
        let along =
            |t: f64| value(std::array::from_fn(|k| centre[k] + t * (worst.0[k] - centre[k])));
        let reflected = along(-1.0);
        let taken = if reflected.1 < corners[0].1 {
            let further = along(-2.0);
            Some(if further.1 < reflected.1 { further } else { reflected })
        } else if reflected.1 < corners[N - 1].1 {
            Some(reflected)
        } else {
            let inner = if reflected.1 < worst.1 { along(-0.5) } else { along(0.5) };
            Some(inner).filter(|inner| inner.1 < worst.1.min(reflected.1))
        };
        match taken {
            Some(corner) => corners[N] = corner,
            None => {
                let best = corners[0].0;
                for corner in &mut corners[1..] {
                    *corner = value(std::array::from_fn(|k| (best[k] + corner.0[k]) / 2.0));
                }
            }
        }
    }
    corners.sort_by(|a, b| a.1.total_cmp(&b.1));
    corners[0]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bottom_of_a_curved_valley_is_found() {
        let valley = |x: &Point| {
            let bend = x[1] - x[0] * x[0];
            100.0 * bend * bend + (1.0 - x[0]).powi(2) + (x[2] - 3.0).powi(2) + (x[3] + 2.0).powi(2)
        };
        let (x, low) = lowest([-1.0, 1.0, 0.0, 0.0], &valley);
        assert!(low < 0.1 && (x[2] - 3.0).abs() < 0.3 && (x[3] + 2.0).abs() < 0.3, "{x:?} {low}");
    }
}
