//! The gateway comes up, answers its supervisors, and comes back on the same ports.

mod support;

use support::gateway::Plan;

#[test]
fn it_comes_up_answers_and_comes_back_where_it_was() {
    let nobody = ([127, 0, 0, 1], 9).into();
    let mut gateway = Plan::new(nobody).start();
    let first = (gateway.mail(), gateway.http());
    assert_eq!(gateway.get("/livez").0, 200);
    assert_eq!(gateway.get("/readyz").0, 200);
    assert_eq!(gateway.metric("sekimori_messages{state=\"queued\"}"), Some(0));
    gateway.kill();
    gateway.restart();
    assert_eq!((gateway.mail(), gateway.http()), first);
    assert!(gateway.stop().success(), "SIGTERM is a way to end well");
    assert_eq!(gateway.logged("stopped").len(), 1);
}
