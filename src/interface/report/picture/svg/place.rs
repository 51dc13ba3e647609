//! Heights in a column: items as near as may be to where they wish to be, in their order and
//! without overlap.

/// An item of a column.
#[derive(Debug, Clone, Copy)]
pub(super) struct Slot {
    /// Its own height.
    pub(super) height: f64,
    /// What must be free below it.
    pub(super) gap: f64,
}

/// The middles of items from top to bottom so that the squares of the distances to the wishes are
/// least in sum. Without the heights this is isotonic regression, solved by pooling neighbours that
/// are in each other's way.
pub(super) fn placed(slots: &[Slot], wishes: &[f64]) -> Vec<f64> {
    let mut offsets = Vec::with_capacity(slots.len());
    let mut offset = 0.0;
    for (place, slot) in slots.iter().enumerate() {
        if let Some(above) = place.checked_sub(1).map(|above| slots[above]) {
            offset += (above.height + slot.height) / 2.0 + above.gap;
        }
        offsets.push(offset);
    }
    // Pools of neighbours that move together: the sum of their wishes and their number.
    let mut pools: Vec<(f64, usize)> = Vec::new();
    for (wish, offset) in wishes.iter().zip(&offsets) {
        pools.push((wish - offset, 1));
        while let [.., above, below] = pools.as_slice()
            && above.0 * below.1 as f64 > below.0 * above.1 as f64
        {
            let merged = (above.0 + below.0, above.1 + below.1);
            pools.truncate(pools.len() - 2);
            pools.push(merged);
        }
    }
    let middles =
        pools.iter().flat_map(|(sum, count)| std::iter::repeat_n(sum / *count as f64, *count));
    middles.zip(offsets).map(|(middle, offset)| middle + offset).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SLOT: Slot = Slot { height: 10.0, gap: 2.0 };

    #[test]
    fn what_has_room_is_where_it_wishes_to_be() {
        assert_eq!(placed(&[SLOT; 3], &[0.0, 50.0, 100.0]), [0.0, 50.0, 100.0]);
    }

    #[test]
    fn what_is_in_the_way_moves_apart_evenly() {
        assert_eq!(placed(&[SLOT; 2], &[50.0, 50.0]), [44.0, 56.0]);
        assert_eq!(placed(&[SLOT; 3], &[100.0, 50.0, 0.0]), [38.0, 50.0, 62.0]);
        assert_eq!(placed(&[], &[]), [0.0; 0]);
    }
}
